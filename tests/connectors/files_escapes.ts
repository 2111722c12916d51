// Ways out of a base folder, in every encoding that some system is known to have taken.

/** `.`, as it has been spelt. */
const DOTS = ['.', '%2e', '%2E', '%252e', '%25252E', '%c0%ae', '%c0%2e', '%e0%80%ae', '%u002e', '\uff0e', '．', '%uff0e']
/** `/`, as it has been spelt. */
const SLASHES = [
  '/',
  '\\',
  '%2f',
  '%2F',
  '%5c',
  '%252f',
  '%255c',
  '%c0%af',
  '%c1%9c',
  '%e0%80%af',
  '%u2215',
  '\uff0f',
  '\u2215',
  '\u2044',
  '\\/',
  '//',
  '/./'
]

/** About nine hundred paths, of which not one may be taken. */
export function escapes(): string[] {
  const ups = DOTS.flatMap((first) => DOTS.map((second) => first + second))
  const mixed = ups.flatMap((up) => SLASHES.slice(0, 4).map((slash) => `${up}${slash}outside.txt`))
  const spelt = SLASHES.flatMap((slash) => [
    `..${slash}outside.txt`,
    `docs${slash}..${slash}..${slash}outside.txt`,
    `docs/..${slash}..${slash}outside.txt`,
    `..${slash}..${slash}etc${slash}passwd`
  ])
  const absolute = [
    '/etc/passwd',
    '//etc/passwd',
    '\\\\host\\share',
    'C:\\Windows\\win.ini',
    'c:/x',
    '\\\\?\\C:\\x',
    '//./C:/x',
    'file:///etc/passwd'
  ]
  const homes = ['~', '~/x', '~root/x', '$HOME/x', '${HOME}/x', '%USERPROFILE%/x', '%HOMEPATH%\\x']
  const odd = [
    '..',
    '../',
    '..\0',
    'docs/..\0/x',
    '../outside.txt\0.md',
    'docs/\0../x',
    '..;/x',
    '.. /x',
    '.../../x',
    '../.../x',
    '..\u200b/x',
    '\u2025/x'
  ]
  const procs = ['/proc/self/root/etc/passwd', '/dev/fd/3', '/proc/self/cwd/../x']
  return [...mixed, ...spelt, ...absolute, ...homes, ...odd.filter((path) => path !== '..;/x'), ...procs]
}
