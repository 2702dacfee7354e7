import { describe, expect, it } from 'vitest';
import { ConfFile, Service } from './service.js';

const start = (...early: string[]): Service =>
  new Service(new ConfFile(), {}, {}, [...early, 'slow-start.mjs']);

describe('a SIGHUP that comes while the process still loads', () => {
  it('ends it (F167)', async () => {
    expect(await start().exit).toEqual({ code: null, signal: 'SIGHUP' });
  });

  it('does not with early-sighup, from which the module takes over (F167)', async () => {
    const service = start('--import', 'nestjs-transitions/early-sighup');
    await service.line('survived');
    await service.line('ready');
    expect(service.all('Somebody else listens')).toHaveLength(1);
    service.signal('SIGHUP');
    await service.line(/^ended 2 signaled unchanged/);
    service.signal('SIGTERM');
    expect(await service.exit).toEqual({ code: null, signal: 'SIGTERM' });
  });
});
