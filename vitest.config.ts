import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string =>
  fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  // The decorators of Nest, for every file, whichever tsconfig.json covers it.
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  resolve: {
    // Unit tests run the sources, so that they need no build.
    alias: {
      '@nestjs-transitions/conf': source('./libs/conf/src/index.ts'),
      '@nestjs-transitions/testing': source('./libs/testing/src/index.ts'),
      'nestjs-transitions': source('./libs/transitions/src/index.ts'),
    },
  },
  test: {
    include: ['{libs,apps}/*/src/**/*.spec.ts', 'test/**/*.spec.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
