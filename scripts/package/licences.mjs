/** Licences that let a package be passed on with ours (Apache-2.0) without another duty than to keep their text. */
export const PERMISSIVE = [
  ...['MIT', 'MIT-0', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BlueOak-1.0.0'],
  ...['CC0-1.0', 'CC-BY-4.0', 'Unlicense', 'Python-2.0', 'PostgreSQL'],
];

/**
 * Packages of a lock whose licence is not one of {@link PERMISSIVE}, or is not said: `name@version: licence`. Binaries of other
 * systems that only development uses are not looked at: nobody here has them, and the lock may not say.
 */
export function otherLicences(lock) {
  return Object.entries(lock.packages)
    .filter(([place, { link, license, dev, optional }]) => {
      const isUnknownTool = dev && optional && license === undefined;
      return place !== '' && !link && !isUnknownTool && !isPermissive(license);
    })
    .map(
      ([place, { version, license }]) =>
        `${place.replace(/^.*node_modules\//, '')}@${version}: ${license ?? 'none'}`,
    )
    .sort();
}

/** Of `A OR B` one is enough, of `A AND B` all are needed. */
function isPermissive(licence) {
  if (typeof licence !== 'string') return false;
  const plain = licence.replaceAll(/[()]/g, '');
  return plain
    .split(' OR ')
    .some((one) => one.split(' AND ').every((each) => PERMISSIVE.includes(each.trim())));
}
