/**
 * Uploaded member lists that have been previewed and not imported: kept for a while, then discarded with their files.
 */

import { randomUUID } from 'node:crypto';
import type { RefusedLine } from '../../../formats/delimited-rows.ts';
import type { MemberListReview } from '../../../formats/member-list-review.ts';
import type { Upload } from '../../uploads.ts';

const KEPT_MS = 30 * 60 * 1000;
// Each holds a file on disk; the oldest makes room for the newest.
const MAX_KEPT = 20;

export interface KeptPreview {
  readonly id: string;
  readonly audienceId: number;
  /** ms since the epoch */
  readonly created: number;
  readonly expires: number;
  /** The same by a monotonic clock, which ends the preview. */
  readonly until: number;
  readonly upload: Upload;
  /** Undefined until its column is chosen. */
  readonly reviewed: ReviewedUpload | undefined;
}

/** What is known about a list whose column is known. */
export interface ReviewedUpload extends MemberListReview {
  /** Undefined means the one the file indicates. */
  readonly column: string | undefined;
  readonly refused: { readonly count: number; readonly lines: readonly RefusedLine[] };
  /** The state of the audience's members when the list was compared with them, identified by their last change. */
  readonly comparedWith: string;
}

export class ImportPreviews {
  readonly #now: () => number;
  readonly #elapsed: () => number;
  readonly #kept = new Map<string, KeptPreview>();
  readonly #expiring: NodeJS.Timeout;

  /**
   * @param now ms since the epoch
   * @param elapsed a monotonic clock, in ms
   */
  constructor(now: () => number, elapsed: () => number) {
    this.#now = now;
    this.#elapsed = elapsed;
    this.#expiring = setInterval(() => void this.#forgetOld(), 60_000).unref();
  }

  async add(preview: Omit<KeptPreview, 'id' | 'created' | 'expires' | 'until'>): Promise<KeptPreview> {
    await this.#forgetOld();
    const created = this.#now();
    const kept = {
      ...preview,
      id: randomUUID(),
      created,
      expires: created + KEPT_MS,
      until: this.#elapsed() + KEPT_MS,
    };
    this.#kept.set(kept.id, kept);
    const [oldest] = this.#kept.values();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) await this.#forget(oldest);
    return kept;
  }

  /** The preview for that audience; undefined for an unknown or expired one. */
  find(audienceId: number, id: string): KeptPreview | undefined {
    const kept = this.#kept.get(id);
    return kept?.audienceId === audienceId && kept.until > this.#elapsed() ? kept : undefined;
  }

  /** Takes a preview out, so that nobody else uses it; its file then belongs to the caller. */
  take(preview: KeptPreview): boolean {
    return this.#kept.delete(preview.id);
  }

  /** Returns one that was taken and not used. */
  async putBack(preview: KeptPreview): Promise<void> {
    if (preview.until > this.#elapsed()) this.#kept.set(preview.id, preview);
    else await preview.upload.discard();
  }

  async #forget(preview: KeptPreview): Promise<void> {
    this.#kept.delete(preview.id);
    await preview.upload.discard();
  }

  async #forgetOld(): Promise<void> {
    const now = this.#elapsed();
    for (const each of this.#kept.values()) if (each.until <= now) await this.#forget(each);
  }

  /** Discards all of them. */
  async close(): Promise<void> {
    clearInterval(this.#expiring);
    for (const each of this.#kept.values()) await this.#forget(each);
  }
}
