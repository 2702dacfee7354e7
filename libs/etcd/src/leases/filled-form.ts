import { toBinary } from '@bufbuild/protobuf';
import { TxnRequestSchema, type RequestOp } from '../wire/etcd_pb.js';
import { allOf } from './requests.js';

/** In what the operations of one kind differ. */
export interface Blanks {
  readonly volume: string;
  readonly revision: bigint;
}

/** One operation, and where its blanks are. */
interface Form {
  readonly bytes: Uint8Array;
  /** Of the name. */
  readonly names: readonly number[];
  /** Of the revision: that of its first byte. */
  readonly revision: number | undefined;
}

/**
 * Operations of one kind as bytes: a boot has tens of thousands of them, and they
 * differ in nothing but the name of the volume and a revision. So one is made for
 * each length of these, and filled in.
 */
export class FilledForm {
  private readonly forms = new Map<number, Form>();

  constructor(private readonly make: (blanks: Blanks) => RequestOp) {}

  /** The bytes of a TxnRequest that does all of them. */
  encode(all: readonly Blanks[]): Uint8Array {
    const forms = all.map((blanks) => this.formOf(blanks));
    const length = forms.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const request = Buffer.allocUnsafe(length);
    let at = 0;
    // Of messages that follow each other, protobuf makes one with the operations of all.
    forms.forEach(({ bytes, names, revision }, index) => {
      request.set(bytes, at);
      for (const name of names) request.write(all[index]!.volume, at + name);
      if (revision !== undefined)
        writeVarint(request, at + revision, all[index]!.revision);
      at += bytes.length;
    });
    return request;
  }

  private formOf({ volume, revision }: Blanks): Form {
    const name = Buffer.byteLength(volume);
    const number = varintLength(revision);
    const key = name * longestVarint + number;
    let form = this.forms.get(key);
    if (form === undefined) {
      form = this.formFor(name, number);
      this.forms.set(key, form);
    }
    return form;
  }

  private formFor(name: number, number: number): Form {
    const ones = everyByteIs(1n, number);
    const bytes = this.bytesOf('a'.repeat(name), ones);
    const otherName = this.bytesOf('b'.repeat(name), ones);
    const otherNumber = this.bytesOf('a'.repeat(name), 2n * ones);
    const [revision] = placesOf(bytes, otherNumber, number);
    return { bytes, names: placesOf(bytes, otherName, name), revision };
  }

  private bytesOf(volume: string, revision: bigint): Uint8Array {
    const request = allOf([this.make({ volume, revision })]);
    return toBinary(TxnRequestSchema, request);
  }
}

/** Where two requests differ, in pieces of a length in which no byte is the same. */
function placesOf(
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

// A number takes a byte for every seven bits, the lowest first.

const longestVarint = 10;

function varintLength(value: bigint): number {
  let length = 1;
  for (let rest = value >> 7n; rest > 0n; rest >>= 7n) length++;
  return length;
}

function writeVarint(to: Uint8Array, at: number, value: bigint): void {
  let place = at;
  let rest = value;
  while (rest > 0x7fn) {
    to[place++] = Number(rest & 0x7fn) | 0x80;
    rest >>= 7n;
  }
  to[place] = Number(rest);
}

function everyByteIs(bits: bigint, length: number): bigint {
  let value = 0n;
  for (let byte = 0; byte < length; byte++) value = (value << 7n) | bits;
  return value;
}
