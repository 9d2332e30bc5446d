declare module 'thumbor-js-url-builder' {
  // biome-ignore lint/style/noDefaultExport: the package's own
  export default class Thumbor {
    constructor(key: string, server: string);
    setImagePath(path: string): this;
    resize(width: number, height: number): this;
    fitIn(width: number, height: number): this;
    smartCrop(smart: boolean): this;
    halign(align: string): this;
    valign(align: string): this;
    crop(left: number, top: number, right: number, bottom: number): this;
    flipHorizontally(): this;
    flipVertically(): this;
    filter(call: string): this;
    buildUrl(): string;
  }
}
