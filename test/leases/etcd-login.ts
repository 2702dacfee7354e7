import { encoded, type EtcdGateway } from './etcd-gateway.js';

/**
 * From now on an etcd asks for a password, and this user may read and write
 * what is in the namespace, and nothing else.
 */
export async function askForLogin(
  gateway: EtcdGateway,
  user: { readonly name: string; readonly password: string },
  namespace: string,
): Promise<void> {
  await gateway.ask('auth/user/add', { name: 'root', password: 'root' });
  await gateway.ask('auth/role/add', { name: 'root' });
  await gateway.ask('auth/user/grant', { user: 'root', role: 'root' });
  await gateway.ask('auth/user/add', user);
  await gateway.ask('auth/role/add', { name: namespace });
  await gateway.ask('auth/role/grant', {
    name: namespace,
    perm: {
      permType: 'READWRITE',
      key: encoded(`${namespace}/`),
      range_end: encoded(`${namespace}0`),
    },
  });
  const grant = { user: user.name, role: namespace };
  await gateway.ask('auth/user/grant', grant);
  await gateway.ask('auth/enable');
}
