import { referenceShape } from '../configuration.js';

/** How many volumes there are, and how long they may keep the process from other work. */
export interface Size {
  readonly volumes: number;
  /** The end of the ids of its figures. */
  readonly id: string;
  readonly title: string;
  /** In milliseconds. */
  readonly longestBlock: number;
}

/** The size that all other targets are about. */
export const referenceSize: Size = {
  volumes: referenceShape.volumes,
  id: '100k',
  title: '100,000',
  longestBlock: 50,
};

export const million: Size = {
  volumes: 1_000_000,
  id: 'million',
  title: 'a million',
  longestBlock: 150,
};
