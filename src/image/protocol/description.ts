/** What the pixels of a picture and the words in its file come to, as the render process tells it. */
export interface Described {
  /** In base64. */
  readonly thumbHash: string;
  readonly blurHash: string;
  /** Six colours at the most, the one of most pixels first, as `#rrggbb`; none where all is clear. */
  readonly palette: readonly string[];
  /** A picture of at most 400 characters, to be shown until the real one is there. */
  readonly placeholder: string;
  /** What an ICC profile calls itself. */
  readonly profile: string | undefined;
  /** Its red is that of Display P3. */
  readonly isP3Profile: boolean;
  readonly hasGainMap: boolean;
  readonly alt: string | undefined;
  readonly digitalSource: string | undefined;
  /** Of the camera and how it was set; never where it was. */
  readonly exif: Readonly<Record<string, string | number>>;
}
