/** Settings that exclude each other, told before anything is trained. */

/** @throws RangeError with this message where the condition does not hold */
export function check(condition: boolean, message: string): void {
  if (!condition) throw new RangeError(message);
}

/** @throws RangeError naming both where `part` is no whole divisor of `whole` */
export function checkDivides(name: string, part: number, whole: number, what: string): void {
  const divides = Number.isInteger(part) && part >= 1 && whole % part === 0;
  check(divides, `${name} ${part} must divide the ${whole} ${what}`);
}
