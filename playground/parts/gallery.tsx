import { useEffect, useMemo, useState } from 'preact/hooks';
import { adminWith, messageOf } from '../url/api.ts';
import { type Candidates, candidatesOf, describeAll, type Info, shapes } from '../url/gallery.ts';
import { idOf } from '../url/model.ts';
import { bytesText, savingText } from './facts.tsx';
import { PrefixField, ThemeButton, TokenField } from './inputs.tsx';
import { useTheme, useToken } from './use-settings.ts';
import { type Transfer, useTransfer } from './use-transfer.ts';

/** What is shown where nobody says which originals are meant: the picture that comes with the program. */
const sample = 'seeding.jpg';
/** As many as one request describes. */
const mostShown = 100;

/** Originals as a site would show them: art direction, cards that come as they are scrolled to, avatars; and what it all weighed. */
export function Gallery() {
  const [token, setToken] = useToken();
  const [theme, nextTheme] = useTheme();
  const [prefix, setPrefix] = useState(() => new URLSearchParams(location.search).get('prefix') ?? '');
  const { infos, problem } = useOriginals(token, prefix);
  const transfer = useTransfer(infos);
  // Wide enough for a screen, where there is one.
  const lead = infos.find(({ width }) => width >= 1600) ?? infos.toSorted((a, b) => b.width - a.width)[0];
  const choose = (next: string) => {
    setPrefix(next);
    history.replaceState(null, '', next === '' ? location.pathname : `?${new URLSearchParams({ prefix: next })}`);
  };
  return (
    <>
      <header class="top">
        <h1>
          <a href="/">fovea</a>
        </h1>
        <span class="crumb">▸</span>
        <span>demo</span>
        <a class="button" href="/-/playground">
          Playground
        </a>
        <ThemeButton theme={theme} next={nextTheme} />
      </header>
      <main class="demo">
        <form class="chosen" onSubmit={(event) => event.preventDefault()}>
          <TokenField token={token} setToken={setToken} placeholder="admin token" />
          <PrefixField prefix={prefix} setPrefix={choose} placeholder="all originals" disabled={token === ''} />
          <p class="quiet">
            {token === ''
              ? 'The sample, as a site would show it. With the admin token: the originals below a prefix.'
              : `The first originals below it, at most ${mostShown}, as a site would show them.`}
          </p>
        </form>
        {problem !== undefined && (
          <p class="quiet" role="status">
            {problem}
          </p>
        )}
        {lead !== undefined && <Hero info={lead} />}
        {infos.length > 0 && (
          <>
            <Cards infos={infos} />
            <Avatars infos={infos.slice(0, 12)} />
          </>
        )}
      </main>
      <Figures transfer={transfer} />
    </>
  );
}

/** The originals below a prefix, described; without a token the sample. What is typed is waited for. */
function useOriginals(token: string, prefix: string) {
  const [infos, setInfos] = useState<readonly Info[]>([]);
  const [problem, setProblem] = useState<string>();
  const admin = useMemo(() => adminWith(token), [token]);
  useEffect(() => {
    let isCurrent = true;
    const look = async () => {
      try {
        const keys = token === '' ? [sample] : (await admin.list(prefix)).originals.map(({ key }) => key);
        const found = keys.length === 0 ? [] : await describeAll(keys.slice(0, mostShown), token);
        if (!isCurrent) return;
        setInfos(found);
        setProblem(found.length === 0 ? 'There is nothing here that may be shown.' : undefined);
      } catch (error) {
        if (!isCurrent) return;
        setInfos([]);
        setProblem(messageOf(error));
      }
    };
    const timer = setTimeout(look, 200);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [admin, token, prefix]);
  return { infos, problem };
}

interface PictureProps {
  readonly info: Info;
  readonly candidates: Candidates;
  readonly sizes: string;
  readonly isFirst?: boolean;
  readonly class?: string;
}

/** Under a picture that has not come lies the one of a few hundred bytes, which came with the words about it. */
function Picture({ info, candidates, sizes, isFirst = false, ...rest }: PictureProps) {
  const [has, setHas] = useState(false);
  return (
    <img
      {...candidates}
      {...rest}
      sizes={isFirst ? sizes : `auto, ${sizes}`}
      alt={info.alt ?? ''}
      loading={isFirst ? 'eager' : 'lazy'}
      fetchpriority={isFirst ? 'high' : 'auto'}
      decoding="async"
      onLoad={() => setHas(true)}
      style={has ? {} : { backgroundImage: `url(${info.placeholder})`, backgroundColor: info.dominantColour }}
    />
  );
}

/** Another cut where it is shown narrow: what `<picture>` is for. */
function Hero({ info }: { readonly info: Info }) {
  const [wide, tall] = [candidatesOf(info, shapes.wide), candidatesOf(info, shapes.tall)];
  return (
    <section class="hero" aria-label="The first, cut to the screen">
      <picture>
        <source media="(max-width: 640px)" srcset={tall.srcset} sizes="100vw" width={tall.width} height={tall.height} />
        <Picture info={info} candidates={wide} sizes="(min-width: 1232px) 1200px, 100vw" isFirst />
      </picture>
    </section>
  );
}

function Cards({ infos }: { readonly infos: readonly Info[] }) {
  return (
    <section aria-labelledby="cards">
      <h2 id="cards">Cards, cut round what matters</h2>
      <ul class="cards">
        {infos.map((info) => (
          <li key={info.key}>
            <Picture
              info={info}
              candidates={candidatesOf(info, shapes.card)}
              sizes="(min-width: 1232px) 389px, (min-width: 640px) 33vw, 100vw"
            />
            <div class="caption">
              <span title={info.key}>{info.key.split('/').at(-1)}</span>
              <a href={`/-/playground?url=/c_limit,w_1080/f_auto,q_auto/${idOf(info.key)}`}>
                Compose<span class="sr"> with {info.key}</span>
              </a>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Avatars({ infos }: { readonly infos: readonly Info[] }) {
  return (
    <section aria-labelledby="avatars">
      <h2 id="avatars">Avatars, round a face where there is one</h2>
      <ul class="avatars">
        {infos.map((info) => (
          <li key={info.key}>
            <Picture info={info} candidates={candidatesOf(info, shapes.face)} sizes="64px" class="round" />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Figures({ transfer }: { readonly transfer: Transfer }) {
  const { pictures, bytes, cachedBytes, originalBytes, jpegBytes, isAsking, askJpeg } = transfer;
  return (
    <footer class="figures">
      <dl>
        <div>
          <dt>Pictures</dt>
          <dd>{pictures}</dd>
        </div>
        <div>
          <dt>Came</dt>
          <dd>
            {bytesText(bytes)}
            {cachedBytes > 0 && <small> {bytesText(cachedBytes)} of it from the cache</small>}
          </dd>
        </div>
        <div>
          <dt>Their originals</dt>
          <dd>
            {bytesText(originalBytes)} {originalBytes > 0 && <small>{savingText(bytes, originalBytes)}</small>}
          </dd>
        </div>
        <div>
          <dt>As JPEG of quality 80</dt>
          <dd>
            {jpegBytes === undefined ? (
              <button type="button" disabled={isAsking || pictures === 0} onClick={askJpeg}>
                {isAsking ? 'Weighing …' : 'Weigh'}
              </button>
            ) : (
              <>
                {bytesText(jpegBytes)} <small>{savingText(bytes, jpegBytes)}</small>
              </>
            )}
          </dd>
        </div>
      </dl>
    </footer>
  );
}
