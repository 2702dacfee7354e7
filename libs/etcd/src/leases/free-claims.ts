import { toBinary } from '@bufbuild/protobuf';
import { TxnRequestSchema } from '../wire/etcd_pb.js';
import { claimRequest, type Claimant } from './claiming.js';

/** The claim of one volume, and where its name stands in it. */
interface Form {
  readonly bytes: Uint8Array;
  readonly places: readonly number[];
}

/**
 * The requests of one claimant for volumes that nobody holds, as bytes: a boot
 * has tens of thousands of them, and they differ in nothing but the name of the
 * volume. So one is made for each length of a name, and filled in.
 */
export class FreeClaims {
  /** By the length of the name in bytes. */
  private readonly forms = new Map<number, Form>();

  constructor(private readonly claimant: Claimant) {}

  /** What `claimRequest` would make of them. */
  encode(volumes: readonly string[]): Uint8Array {
    const forms = volumes.map((volume) => this.form(Buffer.byteLength(volume)));
    const length = forms.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const request = Buffer.allocUnsafe(length);
    let at = 0;
    // Of messages that follow each other, protobuf makes one with the operations of all.
    forms.forEach(({ bytes, places }, index) => {
      request.set(bytes, at);
      for (const place of places) request.write(volumes[index]!, at + place);
      at += bytes.length;
    });
    return request;
  }

  private form(length: number): Form {
    const known = this.forms.get(length);
    if (known !== undefined) return known;
    const bytes = this.claimOf('a'.repeat(length));
    const form = {
      bytes,
      places: placesOfNames(bytes, this.claimOf('b'.repeat(length)), length),
    };
    this.forms.set(length, form);
    return form;
  }

  private claimOf(volume: string): Uint8Array {
    const claims = [{ volume, token: undefined }];
    return toBinary(TxnRequestSchema, claimRequest(this.claimant, claims));
  }
}

/** Where the requests for two names differ, of which no character is the same. */
function placesOfNames(
  one: Uint8Array,
  other: Uint8Array,
  length: number,
): number[] {
  const places: number[] = [];
  for (let at = 0; at < one.length; at++) {
    if (one[at] === other[at]) continue;
    places.push(at);
    at += length - 1;
  }
  return places;
}
