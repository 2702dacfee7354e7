import type { FactoryProvider } from '@nestjs/common';

/** For each parameter of a constructor what Nest injects there: a class, or a token. */
type Injected<Parameters extends readonly unknown[]> = {
  [Index in keyof Parameters]:
    | (abstract new (...parameters: never) => Parameters[Index])
    | string
    | symbol;
};

/**
 * Provides a class of the module's own under its own name. It needs neither
 * `@Injectable` nor `@Inject`; what is injected is checked by its type.
 *
 * Nest looks through all methods of a class that is provided as it is, once for
 * each kind of decorator such as `@UseGuards`, in every start. Ours have none.
 */
export function provided<Parameters extends unknown[]>(
  type: new (...parameters: Parameters) => object,
  ...inject: Injected<Parameters>
): FactoryProvider {
  return {
    provide: type,
    useFactory: (...injected: Parameters) => new type(...injected),
    inject,
  };
}
