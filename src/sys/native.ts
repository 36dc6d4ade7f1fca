// Where the functions of node:ffi come from. What node:ffi hands out is wrapped: each argument is looked at, and from
// four arguments on they travel through an array, which costs more than most system calls (0.4 of 0.6 us). The functions
// below the wrapper are V8's fast calls. They are reached with --expose-internals, which bin/ passes; without it, or
// with another Node, the public ones serve as well. As nothing checks them, only the tables of this room may call them.

import { createRequire } from 'node:module';
import type * as NodeFfi from 'node:ffi';

interface NativeLibrary {
  getFunction(name: string, signature: NodeFfi.FunctionSignature): (...values: unknown[]) => unknown;
}

type NativeClass = (new (path: string | null) => NativeLibrary) & { readonly prototype: NativeLibrary };

type GetFunction = (name: string, signature: NodeFfi.FunctionSignature) => (...values: unknown[]) => unknown;

/** Functions go with their library. */
const libraries: NativeLibrary[] = [];

/** Must run before node:ffi is loaded, which replaces the method by a wrapping one. */
function nativeGetFunction(): GetFunction | null {
  try {
    const require = createRequire(import.meta.url);
    const { internalBinding } = require('internal/test/binding') as {
      internalBinding(name: 'ffi'): { readonly DynamicLibrary: NativeClass };
    };
    const { DynamicLibrary } = internalBinding('ffi');
    const { getFunction } = DynamicLibrary.prototype;
    // A library takes one signature for a name: syscall() needs several.
    return (name, signature) => {
      const library = new DynamicLibrary(null);
      libraries.push(library);
      return getFunction.call(library, name, signature);
    };
  } catch {
    return null;
  }
}

const native = nativeGetFunction();
const ffi = process.getBuiltinModule('node:ffi') as typeof NodeFfi;

export const { getCurrentEventLoop, toArrayBuffer } = ffi;

/** Calls go straight into C. */
export const callsAreDirect = native !== null;

/** Functions of libc and of the node binary. Throws when one is not there. */
export function bindFunctions<const T extends NodeFfi.FunctionDefinitions>(
  signatures: T,
): NodeFfi.WrappedFunctionsFromDefinitions<T> {
  if (native === null) return ffi.dlopen(null, signatures).functions;
  const functions: Record<string, unknown> = {};
  for (const [name, signature] of Object.entries(signatures)) functions[name] = native(name, signature);
  return functions as NodeFfi.WrappedFunctionsFromDefinitions<T>;
}

/** Another shared library, for calls that are rare: each argument is looked at. Throws when it is not there. */
export function openLibrary<const T extends NodeFfi.FunctionDefinitions>(
  path: string,
  signatures: T,
): { readonly functions: NodeFfi.WrappedFunctionsFromDefinitions<T> } {
  return ffi.dlopen(path, signatures);
}

/** Makes C function pointers of ours. */
export const callbacks = ffi.dlopen(null, {}).lib;
