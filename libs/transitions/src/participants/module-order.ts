import type { Module } from '@nestjs/core/injector/module.js';

/**
 * Modules in the order in which they are declared: what a module imports comes
 * before it, in the order of its `imports`. Nest's own order depends on which
 * asynchronous dynamic module was ready first.
 */
export function inDeclaredOrder(modules: Iterable<Module>): Module[] {
  const ordered = new Set<Module>();
  const visited = new Set<Module>();
  const visit = (module: Module): void => {
    if (visited.has(module)) return;
    visited.add(module);
    // Nest imports every global module everywhere: what was declared is first.
    for (const imported of module.imports) visit(imported);
    ordered.add(module);
  };
  for (const module of modules) visit(module);
  return [...ordered];
}
