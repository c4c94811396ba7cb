/** Copies text to the clipboard, even on pages served over plain HTTP, where the browser's own interface is missing. */

/** @param near an element of the dialog that contains the text: only text within the focus trap can be selected */
export async function copyText(text: string, near: HTMLElement): Promise<boolean> {
  const clipboard = (navigator as { clipboard?: Clipboard }).clipboard;
  try {
    if (clipboard !== undefined) {
      await clipboard.writeText(text);
      return true;
    }
  } catch {
    // Not permitted; the fallback may be.
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
