import { ActionIcon, Tooltip } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import type { Sound, SoundsOfSet } from '../../storage/sounds-file';
import type { SetHandle } from '../../storage/set-handle';
import { count } from '../format';
import { Icon } from '../shell/icons';
import { play, stop } from './play';
import classes from './sound.module.css';
import { wavePath } from './wave';

const columns = 180;
const height = 44;

const opened = new WeakMap<Blob, Promise<SoundsOfSet | null>>();

function soundsOf(file: Blob): Promise<SoundsOfSet | null> {
  let sounds = opened.get(file);
  if (!sounds) {
    sounds = import('../../storage/sounds-file').then(({ openSounds }) => openSounds(file));
    opened.set(file, sounds);
  }
  return sounds;
}

/** The sound behind a picture of a set, by the name of its row; null until it is read, and where none is kept. */
function useSound(set: SetHandle | null | undefined, name: string): Sound | null {
  const [found, setFound] = useState<{ file: Blob; name: string; sound: Sound | null } | null>(null);
  const file = set?.sounds;
  useEffect(() => {
    let gone = false;
    if (file && name !== '')
      void soundsOf(file)
        .then((sounds) => sounds?.find(name) ?? null)
        // The file may have been cleared meanwhile: the picture is there without it.
        .catch(() => null)
        .then((sound) => {
          if (!gone) setFound({ file, name, sound });
        });
    return () => {
      gone = true;
    };
  }, [file, name]);
  return found !== null && found.file === file && found.name === name ? found.sound : null;
}

interface Props {
  set: SetHandle | null | undefined;
  /** Of the row, as the files of the set call it. */
  name: string;
}

/** The wave behind a picture of a sound, to be played; nothing for other instances. */
export function SoundPlayer({ set, name }: Props) {
  const sound = useSound(set, name);
  return sound && sound.samples.length > 0 ? <Player key={name} sound={sound} /> : null;
}

function Player({ sound }: { sound: Sound }) {
  const [isPlaying, setPlaying] = useState(false);
  const path = useMemo(() => wavePath(sound.samples, columns, height), [sound]);
  useEffect(() => stop, []);
  const seconds = sound.samples.length / sound.rate;
  const toggle = () => {
    if (isPlaying) stop();
    else {
      play(sound, () => setPlaying(false));
      setPlaying(true);
    }
  };
  const what = isPlaying ? 'Stop' : 'Play the sound';
  return (
    <div className={classes.player} role="group" aria-label="Sound">
      <Tooltip label={what} w="auto">
        <ActionIcon variant="default" size={32} aria-label={what} onClick={toggle}>
          <Icon name={isPlaying ? 'stop' : 'play'} />
        </ActionIcon>
      </Tooltip>
      <div className={classes.wave}>
        <svg viewBox={`0 0 ${columns} ${height}`} preserveAspectRatio="none" role="img" aria-label="Wave">
          <path d={path} />
        </svg>
        {isPlaying && <i style={{ animationDuration: `${seconds}s` }} />}
      </div>
      <small>
        {count(Math.round(1000 * seconds))} ms, {count(sound.rate)} Hz
      </small>
    </div>
  );
}
