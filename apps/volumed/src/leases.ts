import { readFile } from 'node:fs/promises';
import type { ServingLeases } from 'nestjs-transitions';
import type { Arguments } from './arguments.js';
import {
  passwordVariable,
  type CertificateFiles,
  type Login,
} from './etcd-arguments.js';
import { UsageError } from './usage-error.js';

/**
 * The leases that the command line asks for; undefined without `--etcd`, and then
 * nothing of etcd is loaded. Reads certificates and the password, and connects
 * to nothing.
 *
 * @throws UsageError for what makes no sense, and for a file that cannot be read
 */
export async function leasesOf(
  { etcd }: Pick<Arguments, 'etcd'>,
  environment: NodeJS.ProcessEnv,
): Promise<ServingLeases | undefined> {
  if (etcd === undefined) return undefined;
  const { etcdServingLeases } = await import('@nestjs-transitions/etcd');
  const { endpoints, namespace, ttl, tls, login } = etcd;
  const secured = {
    ...(tls && { tls: await contentsOf(tls) }),
    ...(login && { auth: await credentialsOf(login, environment) }),
  };
  try {
    return etcdServingLeases({ endpoints, namespace, ttl, ...secured });
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown;
    throw new UsageError(asArgument(thrown.message));
  }
}

const passwordFileOption = '--etcd-password-file';

/** Problems of options begin with their names there. */
const argumentsOf: Readonly<Record<string, string>> = {
  endpoints: '--etcd',
  namespace: '--namespace',
  'tls: ca': '--etcd-ca',
  'tls: cert': '--etcd-cert',
  'tls: key': '--etcd-key',
};

function asArgument(problem: string): string {
  const [, option = '', rest = ''] =
    /^(tls: \w+|\w+):? (.*)$/s.exec(problem) ?? [];
  const argument = argumentsOf[option];
  return argument === undefined ? `--etcd: ${problem}` : `${argument}: ${rest}`;
}

async function contentsOf(files: CertificateFiles) {
  const read = async (name: keyof CertificateFiles) => {
    const path = files[name];
    return path === undefined
      ? {}
      : { [name]: await contentOf(`--etcd-${name}`, path) };
  };
  return {
    ...(await read('ca')),
    ...(await read('cert')),
    ...(await read('key')),
  };
}

async function credentialsOf(
  { name, passwordFile }: Login,
  environment: NodeJS.ProcessEnv,
): Promise<{ readonly name: string; readonly password: string }> {
  // Editors end a file with the end of a line.
  const password =
    passwordFile === undefined
      ? environment[passwordVariable]
      : (await contentOf(passwordFileOption, passwordFile)).replace(
          /\r?\n$/,
          '',
        );
  if (password) return { name, password };
  throw new UsageError(
    passwordFile === undefined
      ? `--etcd-user ${name}: expected a password, in ${passwordVariable} or in the file that --etcd-password-file names`
      : `--etcd-password-file ${passwordFile}: expected a password, and it is empty`,
  );
}

async function contentOf(option: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    // What was given may be the password itself.
    const isSecret = option === passwordFileOption;
    throw new UsageError(
      `${option}: ${isSecret ? `the file cannot be read (${code})` : message}`,
    );
  }
}
