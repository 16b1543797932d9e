// Copyright 2026 the pystd authors. MIT license.

/**
 * Python's class variables are static properties here. A field such as
 * `protocolVersion = "HTTP/1.1"` without `static` would have no effect. It is a
 * type error, and where types are not checked an error at the first request.
 *
 * @module
 */

/**
 * Makes the class variables that Python's handlers set a type error when they
 * are fields.
 */
export type StaticOnly = {
  readonly [
    Name in
      | "protocolVersion"
      | "serverVersion"
      | "sysVersion"
      | "errorMessageFormat"
      | "errorContentType"
      | "defaultRequestVersion"
      | "responses"
      | "MessageClass"
      | "timeout"
      | "disableNagleAlgorithm"
      | "weekdayname"
      | "monthname"
      | "indexPages"
      | "extensionsMap"
      | "cgiDirectories"
  ]?: { readonly "Write it as a static property": never };
};

/** Class variables of handlers other than `base.ts`. */
const OF_SUBCLASSES = ["indexPages", "extensionsMap", "cgiDirectories"];
/** Classes that have been checked. */
const checked = new WeakSet<object>();

/**
 * Rejects a handler with a class variable as a field. Checks each class once.
 *
 * @param handler The handler.
 * @param Base The class whose static properties are class variables.
 * @throws {TypeError} If it has one; the message names it.
 */
export function rejectInstanceFields(handler: object, Base: object): void {
  const cls = handler.constructor;
  if (checked.has(cls)) return;
  const names = [...Object.getOwnPropertyNames(Base), ...OF_SUBCLASSES];
  // A class has a `name`, a `length` and a `prototype` by itself.
  const own = names.find((name) =>
    Object.hasOwn(handler, name) && !Object.hasOwn(Function, name)
  );
  if (own !== undefined) {
    throw new TypeError(
      `Cannot serve: ${own} of ${cls.name} is a field, which nothing reads; ` +
        `write "static override ${own} = ..."`,
    );
  }
  checked.add(cls);
}
