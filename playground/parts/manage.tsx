import { useEffect, useState } from 'preact/hooks';
import { type Admin, messageOf } from '../url/api.ts';

interface ManageProps {
  /** The key of the original. */
  readonly name: string;
  readonly admin: Admin;
  readonly say: (message: string) => void;
  /** Called once the original is another, or something else is said of it. */
  readonly changed: () => void;
}

/**
 * What may be done with the original itself, by whoever holds the admin token. Made anew for each (its `key` is the original's): what
 * was picked or told of one says nothing of the next.
 */
export function Manage(props: ManageProps) {
  return (
    <section aria-labelledby="manage-title">
      <h2 id="manage-title">Original</h2>
      <AltText {...props} />
      <div class="actions">
        <Replace {...props} />
        <Delete {...props} />
      </div>
    </section>
  );
}

function AltText({ name, admin, say, changed }: ManageProps) {
  const [alt, setAlt] = useState('');
  const [known, setKnown] = useState('');
  useEffect(() => {
    let isCurrent = true;
    admin.altOf(name).then(
      (text) => {
        if (!isCurrent) return;
        setAlt(text);
        setKnown(text);
      },
      () => undefined,
    );
    return () => {
      isCurrent = false;
    };
  }, [admin, name]);
  const save = async () => {
    try {
      await admin.alt(name, alt.trim());
      setKnown(alt);
      say(alt.trim() === '' ? `${name} has no words any more.` : `${name} is described: “${alt.trim()}”.`);
      changed();
    } catch (error) {
      say(`Not saved: ${messageOf(error)}`);
    }
  };
  return (
    <form
      class="alt"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <input
        aria-label="Alternative text"
        value={alt}
        maxLength={500}
        placeholder="What it shows, in words"
        onInput={({ currentTarget }) => setAlt(currentTarget.value)}
      />
      <button type="submit" disabled={alt === known}>
        Save
      </button>
    </form>
  );
}

/** In two steps: a picture is picked, and then that it takes the place of this one. */
function Replace({ name, admin, say, changed }: ManageProps) {
  const [file, setFile] = useState<File>();
  const replace = async (by: File) => {
    setFile(undefined);
    try {
      await admin.replace(name, by);
      say(`${name} is ${by.name} now; what was made of the one before is purged.`);
      changed();
    } catch (error) {
      say(`Not replaced: ${messageOf(error)}`);
    }
  };
  return (
    <>
      <label class="button">
        Replace…
        <input
          class="sr"
          type="file"
          accept="image/*"
          aria-label={`Pick a picture to replace ${name} by`}
          onChange={({ currentTarget }) => {
            setFile(currentTarget.files?.[0]);
            currentTarget.value = '';
          }}
        />
      </label>
      {file !== undefined && (
        <button type="button" class="danger" onClick={() => replace(file)}>
          Replace it by {file.name}
        </button>
      )}
    </>
  );
}

/** In two steps: what would go, and then that it goes. */
function Delete({ name, admin, say, changed }: ManageProps) {
  const [isTold, setIsTold] = useState(false);
  const run = async (dryRun: boolean) => {
    try {
      const { variantsDeleted = 0 } = await admin.remove(name, dryRun);
      say(
        dryRun
          ? `${name} and ${variantsDeleted} stored variant(s) would go.`
          : `${name} is deleted, and ${variantsDeleted} stored variant(s).`,
      );
      setIsTold(dryRun);
      if (!dryRun) changed();
    } catch (error) {
      say(`Not deleted: ${messageOf(error)}`);
    }
  };
  return (
    <>
      <button type="button" onClick={() => run(true)}>
        Delete, dry run
      </button>
      {isTold && (
        <button type="button" class="danger" onClick={() => run(false)}>
          Delete it for good
        </button>
      )}
    </>
  );
}
