import { ConfValueError, type ConfMap } from 'nestjs-transitions';

/** The section of the options that are volumed's own. */
export const fileServer = 'FileServer';

/** What is wrong with an option, for a veto: it says where the option stands. */
export function optionError(
  confMap: ConfMap,
  [section, option]: readonly [section: string, option: string],
  problem: string,
  cause?: unknown,
): ConfValueError {
  const message = `${section}.${option} ${problem}`;
  const place = confMap.locate(section, option);
  const wrong = { ...place, section, option, message };
  return new ConfValueError('The configuration cannot be used', [wrong], cause);
}
