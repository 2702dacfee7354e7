// Imports the module, and nothing else.
await import('nestjs-transitions');
