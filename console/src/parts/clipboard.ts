/** Puts text on the clipboard, also where the page came over plain HTTP and the browser's own interface is missing. */

/** @param near an element of the dialog in which the text stands: what is selected must lie where the focus may be */
export async function copyText(text: string, near: HTMLElement): Promise<boolean> {
  const clipboard = (navigator as { clipboard?: Clipboard }).clipboard;
  try {
    if (clipboard !== undefined) {
      await clipboard.writeText(text);
      return true;
    }
  } catch {
    // Not permitted; the old way may be.
  }
  return copySelection(text, near);
}

function copySelection(text: string, near: HTMLElement): boolean {
  const field = document.createElement('textarea');
  field.value = text;
  field.readOnly = true;
  field.setAttribute('aria-hidden', 'true');
  field.style.position = 'fixed';
  field.style.opacity = '0';
  (near.parentElement ?? document.body).append(field);
  field.select();
  try {
    // The only way outside secure contexts.
    return document.execCommand('copy');
  } finally {
    field.remove();
    near.focus();
  }
}
