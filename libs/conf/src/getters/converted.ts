/** A value of the wanted kind, or what was expected instead of the text. */
export type Converted<T> =
  | { readonly value: T }
  | {
      readonly expected: string;
      /** What came, if that is not the text itself. */
      readonly got?: string;
    };
