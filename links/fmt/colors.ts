// Copyright 2026 the pystd authors. MIT license.
import {
  blue as realBlue,
  bold as realBold,
  cyan as realCyan,
  dim as realDim,
  getColorEnabled as realGetColorEnabled,
  gray as realGray,
  green as realGreen,
  inverse as realInverse,
  italic as realItalic,
  magenta as realMagenta,
  red as realRed,
  setColorEnabled as realSetColorEnabled,
  stripAnsiCode as realStripAnsiCode,
  underline as realUnderline,
  white as realWhite,
  yellow as realYellow,
} from "npm:deno-std@1.4.0/fmt/colors.js";

/** Typed as `setColorEnabled` of `jsr:@std/fmt/colors`. */
export const setColorEnabled: (value: boolean) => void = realSetColorEnabled;

/** Typed as `getColorEnabled` of `jsr:@std/fmt/colors`. */
export const getColorEnabled: () => boolean = realGetColorEnabled;

/** Typed as `bold` of `jsr:@std/fmt/colors`. */
export const bold: (str: string) => string = realBold;

/** Typed as `dim` of `jsr:@std/fmt/colors`. */
export const dim: (str: string) => string = realDim;

/** Typed as `italic` of `jsr:@std/fmt/colors`. */
export const italic: (str: string) => string = realItalic;

/** Typed as `underline` of `jsr:@std/fmt/colors`. */
export const underline: (str: string) => string = realUnderline;

/** Typed as `inverse` of `jsr:@std/fmt/colors`. */
export const inverse: (str: string) => string = realInverse;

/** Typed as `red` of `jsr:@std/fmt/colors`. */
export const red: (str: string) => string = realRed;

/** Typed as `green` of `jsr:@std/fmt/colors`. */
export const green: (str: string) => string = realGreen;

/** Typed as `yellow` of `jsr:@std/fmt/colors`. */
export const yellow: (str: string) => string = realYellow;

/** Typed as `blue` of `jsr:@std/fmt/colors`. */
export const blue: (str: string) => string = realBlue;

/** Typed as `magenta` of `jsr:@std/fmt/colors`. */
export const magenta: (str: string) => string = realMagenta;

/** Typed as `cyan` of `jsr:@std/fmt/colors`. */
export const cyan: (str: string) => string = realCyan;

/** Typed as `white` of `jsr:@std/fmt/colors`. */
export const white: (str: string) => string = realWhite;

/** Typed as `gray` of `jsr:@std/fmt/colors`. */
export const gray: (str: string) => string = realGray;

/** Typed as `stripAnsiCode` of `jsr:@std/fmt/colors`. */
export const stripAnsiCode: (string: string) => string = realStripAnsiCode;
