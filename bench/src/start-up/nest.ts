// Imports what every Nest application does.
await import('@nestjs/common');
await import('@nestjs/core');
