import { describe, expect, it, onTestFinished } from 'vitest';
import { type Config, readConfig } from '../../src/config/index.ts';
import { createCommandLine } from '../support/command-line.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPixelFreeService } from '../support/test-service.ts';

interface Told {
  readonly parts?: readonly { readonly written: string; readonly means: string }[];
  readonly answers?: readonly Readonly<Record<string, string>>[];
  readonly refused?: { readonly status: number; readonly detail: string };
  readonly [other: string]: unknown;
}

async function house(file: Partial<Config['file']> = {}, unsigned: Config['unsigned'] = 'any') {
  const originals = createMemoryStore();
  for (const key of ['cat.jpg', 'members/cat.jpg']) await originals.put(key, Buffer.from(`the picture ${key}`));
  const config = { file: { ...readConfig({}).file, ...file }, unsigned };
  const its = await createPixelFreeService({ originals, config });
  onTestFinished(() => its.service.close());
  const explain = async (url: string) => {
    const response = await its.ask(`/-/explain?url=${encodeURIComponent(url)}`);
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
    return (await response.json()) as Told;
  };
  return { ...its, explain, originals };
}

describe('GET /-/explain', () => {
  it('tells what each part means, and what it comes to', async () => {
    const { explain, ask } = await house({ presets: { card: 'c_fill,w_9,h_9' } });
    const told = await explain('https://img.example/e_blur:200,w_300/t_card/f_auto/cat.jpg');
    expect(told).toMatchObject({ url: '/e_blur:200,w_300/t_card/f_auto/cat.jpg', id: 'cat.jpg', isSigned: false });
    expect(told.parts?.map(({ written }) => written)).toEqual(['e_blur:200', 'w_300', 't_card', 'f_auto']);
    expect(told.parts?.map(({ means }) => means)).toEqual([
      'Blurs the picture.',
      expect.stringContaining('Sets the width'),
      expect.stringContaining('Here: c_fill,w_9,h_9.'),
      expect.stringContaining('Sets the output format'),
    ]);
    expect(told['vary']).toBe('Accept');
    expect(told.answers?.map(({ accept }) => accept)).toEqual(['image/avif', 'image/webp', 'image/jpeg']);
    const shown = await ask('/e_blur:200,w_300/t_card/f_auto/cat.jpg', { headers: { accept: 'image/webp' } });
    expect(told.answers?.[1]).toMatchObject({ key: 'cat.jpg', etag: shown.headers.get('etag'), kept: 'nowhere' });
    expect(told.answers?.[1]?.['cacheTag']).toBe(shown.headers.get('x-amz-meta-cache-tag'));
  });

  it('tells where a variant is kept, and draws none', async () => {
    const { explain, ask, renderer } = await house();
    expect((await explain('/w_9/cat.jpg')).answers).toMatchObject([
      { kept: 'nowhere', canonical: 'c_fill,w_9/f_jpeg' },
    ]);
    expect(renderer.renders).toEqual([]);
    await ask('/w_9/cat.jpg');
    expect((await explain('/w_9/cat.jpg')).answers).toMatchObject([{ kept: 'memory' }]);
  });

  it('tells that an original is sent as it is, and in whose language a URL is', async () => {
    const { explain } = await house();
    expect((await explain('/cat.jpg')).answers).toEqual([
      expect.not.objectContaining({ canonical: expect.anything() }),
    ]);
    expect(await explain('/_ipx/w_300/cat.jpg')).toMatchObject({
      dialect: 'ipx',
      parts: expect.arrayContaining([expect.objectContaining({ written: 'w_300' })]),
    });
  });

  it.each([
    ['/w_0/cat.jpg', 400, 'Invalid w_0'],
    ['/w400/cat.jpg', 404, 'write w_400'],
    ['/w_9/Cat.jpg', 404, 'there is "cat.jpg"'],
    ['/w_9/none.jpg', 404, 'No original has this key'],
    ['/s--AAAAAAAA--/w_9/cat.jpg', 401, 'needs a valid signature'],
    ['cat.jpg', 400, 'begins with "/"'],
  ])('tells why %s is refused', async (url, status, detail) => {
    const { explain } = await house();
    expect(await explain(url)).toMatchObject({ refused: { status, detail: expect.stringContaining(detail) } });
  });

  it('tells nobody more of a protected original than its URL does', async () => {
    const { explain } = await house({ protected: { private: [], authenticated: ['members/'] } });
    const [there, absent] = [await explain('/v1/members/cat.jpg'), await explain('/v1/members/dog.jpg')];
    expect(there.refused).toEqual(absent.refused);
    expect([there.answers, absent.answers]).toEqual([undefined, undefined]);
  });

  it.each([
    '/t_marked/cat.jpg',
    '/t_marked,w_x/cat.jpg',
    '/t_marked/members/cat.jpg',
    '/s--AAAAAAAA--/t_marked/cat.jpg',
  ])('tells nobody what a preset stands for whom %s does not show it', async (url) => {
    const { explain } = await house({
      presets: { marked: 'l_members:cat.jpg/fl_layer_apply' },
      protected: { private: [], authenticated: ['members/'] },
    });
    const { parts } = await explain(url);
    expect(parts?.[0]).toMatchObject({ written: 't_marked' });
    expect(JSON.stringify(parts)).not.toContain('l_members');
  });

  it('tells nobody which originals an alias or a watermark names whom its URL does not show them', async () => {
    const { explain } = await house({
      aliases: { '/marked/:key': 'w_9/l_members:cat.jpg/fl_layer_apply' },
      dialects: [{ name: 'imgproxy', watermark: 'members/cat.jpg' }],
      protected: { private: [], authenticated: ['members/'] },
    });
    for (const url of ['/marked/cat.jpg', '/unsafe/w:9/wm:1/plain/cat.jpg']) {
      const told = await explain(url);
      expect(told.refused).toMatchObject({ status: 401 });
      expect(JSON.stringify(told)).not.toContain('members');
    }
  });

  it('is held to the ladder as its URL is', async () => {
    const { explain } = await house({}, 'ladder');
    expect((await explain('/w_317/cat.jpg')).refused).toMatchObject({ status: 400 });
    expect((await explain('/w_320/cat.jpg')).refused).toBeUndefined();
  });

  it('says how it is asked when nothing is asked, and takes no endless URL', async () => {
    const { ask } = await house();
    expect(await (await ask('/-/explain')).json()).toEqual({ usage: '/-/explain?url=%2Fw_300%2Fpicture.jpg' });
    expect((await ask(`/-/explain?url=/${'a'.repeat(17_000)}`)).status).toBe(400);
  });
});

describe('fovea explain', () => {
  it('tells the same on the command line, and what is stored', async () => {
    const { fovea, originals } = createCommandLine();
    await originals.put('cat.jpg', Buffer.from('a cat'));
    const told = await fovea(['explain', '/w_9,f_auto/cat.jpg']);
    expect(told.code).toBe(0);
    for (const text of [
      'Sets the width',
      'original    cat.jpg',
      'for image/avif',
      'kept        not yet',
      'hangs on    Accept',
    ])
      expect(told.stdout).toContain(text);
    expect((await fovea(['explain', 'w_9,f_auto/cat.jpg'])).stdout).toBe(told.stdout);
    const [json] = (await fovea(['explain', '/w400/cat.jpg', '--json'])).json;
    expect(json).toMatchObject({ refused: { status: 404, detail: expect.stringContaining('write w_400') } });
  });
});
