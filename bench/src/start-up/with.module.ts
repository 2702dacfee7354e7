import { Module } from '@nestjs/common';
import {
  ConfMap,
  staticConfSource,
  TransitionsModule,
} from 'nestjs-transitions';

const confMap = ConfMap.fromObject({
  Cluster: { WhoAmI: 'Peer0' },
  FSGlobals: { VolumeGroupList: [] },
});

/** An application with nothing in it but the module. */
@Module({
  imports: [TransitionsModule.forRoot({ source: staticConfSource(confMap) })],
})
export class ApplicationWith {}
