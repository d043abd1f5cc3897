/** Files that are dropped on the page: single ones, or those of a folder. */

/** All files of what was dropped. The list is only there until the event is over, so it is read at once. */
export async function dropped(items: DataTransferItemList): Promise<File[]> {
  const all = [...items].map((item) => item.webkitGetAsEntry() ?? item.getAsFile());
  const files = all.map(async (one) => (one === null ? [] : one instanceof File ? [one] : filesOf(one)));
  return (await Promise.all(files)).flat();
}

async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (isFile(entry)) return [await new Promise<File>((resolve, reject) => entry.file(resolve, reject))];
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: File[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return files;
    files.push(...(await Promise.all(some.filter(isFile).map(filesOf))).flat());
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

/** Of a model's folder, what loading asks for: a hidden file or a picture is none of it. */
export function ofModel(files: readonly File[]): File[] {
  const gguf = files.filter(({ name }) => name.endsWith(".gguf"));
  if (gguf.length > 0) return gguf;
  return files.filter(({ name }) => /\.(json|safetensors|txt|jinja)$/.test(name));
}
