// `npm run generate`: makes the messages of etcd from their description,
// libs/etcd/src/wire/etcd.proto. The result is committed, so that nobody else
// needs what this needs: protoc (Debian: protobuf-compiler), and npm's registry
// for its plugin.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { giveUp, workspace } from './prepare-workspace.mjs';

// The last version that runs on Node 20.
const plugin = '@bufbuild/protoc-gen-es@2.13.0';

const folder = join(workspace, 'libs/etcd/src/wire');
const { status, error } = spawnSync(
  'npx',
  [
    '--yes',
    `--package=${plugin}`,
    '--',
    'protoc',
    `--proto_path=${folder}`,
    `--es_out=${folder}`,
    '--es_opt=target=ts,import_extension=js',
    'etcd.proto',
  ],
  { cwd: workspace, stdio: 'inherit' },
);
if (error) giveUp(`npx cannot be run: ${error.message}`);
if (status !== 0)
  giveUp('The messages could not be made. Is protoc installed?');
