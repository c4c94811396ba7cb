/** Replaces all data by a backup. (Placeholder until the storage helper writes it.) */

export async function restoreStorage(url: string, file: string): Promise<{ safetyCopy: string | undefined }> {
  throw new Error(`restore of ${file} into ${url} is being written`);
}
