// Imports what every Nest application imports.
await import('@nestjs/common');
await import('@nestjs/core');
