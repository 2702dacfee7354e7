import { relative } from 'node:path';
import { TransitionsService } from 'nestjs-transitions';
import type { RunningServer } from './server.js';

/** What a newcomer can try now, ready to be pasted. */
export function welcome({ app, self, args }: RunningServer): string {
  const snapshot = app.get(TransitionsService).snapshot();
  const store = snapshot.participants.find(
    ({ name }) => name === 'VolumeStore',
  );
  const volume = store?.served[0];
  const conf = relative(process.cwd(), args.conf) || args.conf;
  const lines = [
    '',
    `volumed ${self.name} listens on ${self.url.href} and serves ${store?.served.join(', ') || 'no volume'}.`,
    '',
    'Try, in another terminal:',
  ];
  if (volume !== undefined) {
    const url = new URL(`volumes/${volume}/hello.txt`, self.url).href;
    lines.push(`  echo hello | curl -sS -T - ${url}`, `  curl -i ${url}`);
  }
  lines.push(
    `  edit PrimaryPeer of a volume group in ${conf} (or a file that it includes), and then`,
    `  kill -HUP ${process.pid}`,
    '',
    '',
  );
  return lines.join('\n');
}
