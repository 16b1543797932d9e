// Copyright 2026 the pystd authors. MIT license.
import { parseArgs as real } from "npm:deno-std@1.4.0/cli/parse_args.js";

/** One or several names of flags, as a union. */
type Name = string | undefined;

/** Further names of a flag, by its own. */
type Aliases = Partial<Record<string, string | ReadonlyArray<string>>>;

/** Shows an intersection as one object type. */
type Flat<T> = { [K in keyof T]: T[K] };

/** The names in the union `T`, without those in `U`. */
type Names<T, U = never> = Exclude<Extract<T, string>, U>;

/** What a flag of type `T` holds, which is a list once it is collected. */
type Value<K, T, C> = K extends C ? T[] : T;

/** What the negation of a flag holds. */
type Negated<K, N> = K extends N ? false : never;

/** The flags that a call declares; a name with a dot is not looked into. */
type Flags<B, S, C, N> =
  & { [K in Names<B>]: Value<K, boolean, C> }
  & { [K in Names<S, C>]?: string | Negated<K, N> }
  & { [K in Names<S & C>]: string[] | Negated<K, N> }
  & { [K in Names<C, B | S>]: unknown[] | Negated<K, N> };

/** A flag with a default is always there, and may have the default's type. */
type WithDefaults<F, D> = D extends undefined ? F
  :
    & Omit<F, keyof D>
    & {
      [K in keyof D]: K extends keyof F ? D[K] | NonNullable<F[K]> : unknown;
    };

/** The name of a flag and its aliases. */
type AllNames<K, A> = K extends keyof A
  ? K | Names<A[K] extends ReadonlyArray<infer L> ? L : A[K]>
  : K;

/** The flags under all their names. */
type WithAliases<F, A> = { [K in keyof F as AllNames<K, A>]: F[K] };

/** The flags of a result, or any flags if the options declare none. */
type Values<B, S, C, N, D, A> = [B | S | C] extends [false | undefined]
  // deno-lint-ignore no-explicit-any -- as `@std` has it
  ? Record<string, any>
  :
    & Record<string, unknown>
    & WithAliases<WithDefaults<Flags<B, S, C, N>, D>, A>;

/** The result of {@linkcode parseArgs}: flags, and what is not one in `_`. */
export type Args<
  // deno-lint-ignore no-explicit-any -- as `@std` has it
  T extends Record<string, unknown> = Record<string, any>,
  DD extends boolean | undefined = undefined,
> = Flat<
  & T
  & { _: Array<string | number> }
  & (boolean extends DD ? { "--"?: string[] }
    : true extends DD ? { "--": string[] }
    : Record<never, never>)
>;

/** Options of {@linkcode parseArgs}. */
export interface ParseOptions<
  B extends boolean | Name = boolean | Name,
  S extends Name = Name,
  C extends Name = Name,
  N extends Name = Name,
  D extends Record<string, unknown> | undefined =
    | Record<string, unknown>
    | undefined,
  A extends Aliases | undefined = Aliases | undefined,
  DD extends boolean | undefined = boolean | undefined,
> {
  /** Puts what follows `--` under that name, rather than into `_`. */
  "--"?: DD;
  /** Further names for a flag. */
  alias?: A;
  /** Flags without a value; all that have none, if `true`. */
  boolean?: B | ReadonlyArray<Extract<B, string>>;
  /** Values of the flags that are not given. */
  default?: D & Partial<Record<Extract<B | S, string>, unknown>>;
  /** Puts everything after the first positional argument into `_`. */
  stopEarly?: boolean;
  /** Flags whose value stays a string. */
  string?: S | ReadonlyArray<Extract<S, string>>;
  /** Flags that may be repeated. */
  collect?: C | ReadonlyArray<Extract<C, string>>;
  /** Flags that `--no-` turns off. */
  negatable?: N | ReadonlyArray<Extract<N, string>>;
  /** Called with a flag that is not declared, and drops it for `false`. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** Typed as `parseArgs` of `jsr:@std/cli/parse-args`. */
export const parseArgs: <
  DD extends boolean | undefined = undefined,
  B extends boolean | Name = undefined,
  S extends Name = undefined,
  C extends Name = undefined,
  N extends Name = undefined,
  D extends Record<string, unknown> | undefined = undefined,
  A extends Record<string, L | ReadonlyArray<L>> | undefined = undefined,
  L extends string = string,
>(
  args: readonly string[],
  options?: ParseOptions<B, S, C, N, D, A, DD>,
) => Args<Values<B, S, C, N, D, A>, DD> = real;
