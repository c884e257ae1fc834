/** The version that runs: package.json's, wherever it was started from. */
import { readFileSync } from 'node:fs';

function find(folder: URL): string {
  const file = new URL('package.json', folder);
  try {
    const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
    if (name === 'pointsman' && version !== undefined) return version;
  } catch (error) {
    // dist/ has no package.json: the next folder up has.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const above = new URL('..', folder);
  if (above.href === folder.href) return '0.0.0';
  return find(above);
}

export const version: string = find(new URL('.', import.meta.url));
