// What we use of node:ffi, which @types/node does not describe yet.

declare module 'node:ffi' {
  export type ScalarType = 'void' | 'int32' | 'uint32' | 'int64' | 'uint64' | 'pointer' | 'buffer';

  export interface Signature {
    readonly return: ScalarType;
    readonly arguments: readonly ScalarType[];
  }

  interface Scalars {
    void: undefined;
    int32: number;
    uint32: number;
    int64: bigint;
    uint64: bigint;
    pointer: bigint;
    buffer: Uint8Array;
  }

  export type Functions<T extends Record<string, Signature>> = {
    readonly [K in keyof T]: (
      ...values: { -readonly [I in keyof T[K]['arguments']]: Scalars[T[K]['arguments'][I] & ScalarType] }
    ) => Scalars[T[K]['return']];
  };

  export interface DynamicLibrary {
    registerCallback(signature: Signature, callback: (...values: never[]) => unknown): bigint;
    unregisterCallback(pointer: bigint): void;
  }

  /** `null` opens what the node binary itself exports: libc, libuv, OpenSSL and others. */
  export function dlopen<const T extends Record<string, Signature>>(
    path: string | null,
    signatures: T,
  ): { lib: DynamicLibrary; functions: Functions<T> };

  /** With `copy` false the result is a view of foreign memory, which must outlive it. */
  export function toArrayBuffer(pointer: bigint, length: number, copy: boolean): ArrayBuffer;

  /** Address of this thread's uv_loop_t. */
  export function getCurrentEventLoop(): bigint;
}
