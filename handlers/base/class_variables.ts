// Copyright 2026 the pystd authors. MIT license.

/**
 * Python's class variables are static properties here. A handler that has one
 * as a field, `protocolVersion = "HTTP/1.1"` without `static`, would be served
 * as if the line were not there. So types refuse it, and where there are none
 * the first request does.
 *
 * @module
 */

/**
 * What refuses, by its type, a field that ought to be static: the class
 * variables that Python's handlers set.
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

/** The class variables of handlers that `base.ts` does not know. */
const OF_SUBCLASSES = ["indexPages", "extensionsMap", "cgiDirectories"];
/** Those whose instances have been looked at. */
const checked = new WeakSet<object>();

/**
 * Refuses a handler that has a class variable as a field. Each class is looked
 * at once.
 *
 * @param handler The handler.
 * @param Base The class whose static properties are class variables.
 * @throws {TypeError} If it has one; it names the property.
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
