import type { INestApplicationContext } from '@nestjs/common';

/**
 * Prints the milliseconds from the start of the process until the application
 * is up, and closes it.
 */
export async function tellWhenUp(
  starting: Promise<INestApplicationContext>,
): Promise<void> {
  const application = await starting;
  const milliseconds = performance.now();
  await application.close();
  process.stdout.write(String(milliseconds));
}
