import { Failure, isFailure } from '../../failure.ts';
import type { BatchOutcome, PublishedFile } from './records.ts';

/** What happened to one file: `withheld` was sound, and is not published because another file was not. */
export type FileReport =
  | ({ readonly status: 'published' } & PublishedFile)
  | { readonly status: 'refused'; readonly key: string; readonly failure: Failure }
  | { readonly status: 'withheld'; readonly key: string };

/** What happened to a batch, file by file in the order they were promised. */
export interface BatchReport {
  readonly batch: string;
  /** True when at least one file is published; of an atomic batch then all are. */
  readonly published: boolean;
  readonly files: readonly FileReport[];
}

/** What became of one file: known facts, or why not. */
export type FileResult = PublishedFile | Failure;

export function isPublished(result: FileResult): result is PublishedFile {
  return !isFailure(result);
}

/** The report on a batch of which nothing was published. */
export function refusedReport(batch: string, keys: readonly string[], results: readonly unknown[]): BatchReport {
  const files = keys.map((key, index): FileReport => {
    const result = results[index];
    return isFailure(result) ? { status: 'refused', key, failure: result } : { status: 'withheld', key };
  });
  return { batch, published: false, files };
}

/** The report on a batch whose outcome is kept. */
export function publishedReport(batch: string, outcome: Extract<BatchOutcome, { state: 'published' }>): BatchReport {
  const published = outcome.published.map((file): FileReport => ({ status: 'published', ...file }));
  const refused = outcome.refused.map(({ key, kind, message }): FileReport => {
    return { status: 'refused', key, failure: new Failure(kind, message) };
  });
  return { batch, published: true, files: [...published, ...refused] };
}
