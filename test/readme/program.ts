import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../', import.meta.url));

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  strict: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  skipLibCheck: true,
  types: ['node'],
  typeRoots: [join(root, 'node_modules/@types')],
};

/** Reads each declaration of a package once, for all programs. */
const host = ts.createCompilerHost(options);
const declarations = new Map<string, ts.SourceFile | undefined>();
const getSourceFile = host.getSourceFile.bind(host);
host.getSourceFile = (name, ...rest) => {
  if (!name.endsWith('.d.ts')) return getSourceFile(name, ...rest);
  if (!declarations.has(name))
    declarations.set(name, getSourceFile(name, ...rest));
  return declarations.get(name);
};

/** A document that contains code. */
export class Document {
  private constructor(readonly text: string) {}

  /** Opens a document by its path in the repository. */
  static async open(path: string): Promise<Document> {
    return new Document(await readFile(join(root, path), 'utf8'));
  }

  /** The first block of code in a language. */
  block(language: string): string {
    return this.blocks(language)[0] ?? '';
  }

  /** All blocks of code in a language. */
  blocks(language: string): string[] {
    const [, ...begun] = this.text.split(`\`\`\`${language}\n`);
    return begun.map((block) => block.slice(0, block.indexOf('```')));
  }
}

/**
 * A program in a folder of its own, with the packages of the workspace
 * installed.
 */
export class Program {
  private constructor(readonly folder: string) {}

  static async write(source: string): Promise<Program> {
    const folder = await mkdtemp(join(tmpdir(), 'readme-'));
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    await writeFile(join(folder, 'main.ts'), source);
    return new Program(folder);
  }

  /**
   * Compiles it to `main.js`, with strict options. Returns what the compiler
   * complains about.
   */
  compile(): string[] {
    const main = join(this.folder, 'main.ts');
    const program = ts.createProgram([main], options, host);
    const complaints = [
      ...ts.getPreEmitDiagnostics(program),
      ...program.emit().diagnostics,
    ];
    return complaints.map(({ messageText }) =>
      ts.flattenDiagnosticMessageText(messageText, '\n'),
    );
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}
