import { Button } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import classes from './collect.module.css';

interface Props {
  /** Name of the class that frames go to. */
  target: string;
  onFrame: (name: string, bytes: Blob) => void;
  onClose: () => void;
}

/** Frames a second while the button is held. */
const rate = 6;
/** Sides of the square that is kept: more than any network studies. */
const side = 128;

let frames = 0;

/** Frames of the webcam, one by one or in a stream; they stay on this machine like everything else. */
export function Webcam({ target, onFrame, onClose }: Props) {
  const video = useRef<HTMLVideoElement>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [ready, setReady] = useState(false);
  const [holding, setHolding] = useState(false);
  useEffect(() => {
    let stream: MediaStream | null = null;
    let over = false;
    const start = async () => {
      if (!(navigator.mediaDevices as MediaDevices | undefined)) {
        setProblem('Browsers give the webcam only to pages that come over https or from localhost.');
        return;
      }
      try {
        stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
      } catch (error) {
        if (!over) setProblem(whyNot(error));
        return;
      }
      if (over) return stop(stream);
      if (video.current) video.current.srcObject = stream;
    };
    void start();
    return () => {
      over = true;
      if (stream) stop(stream);
    };
  }, []);
  useEffect(() => {
    if (!holding) return;
    const take = () => void frameOf(video.current).then((bytes) => bytes && onFrame(nextName(), bytes));
    take();
    const timer = window.setInterval(take, 1000 / rate);
    return () => window.clearInterval(timer);
  }, [holding, onFrame]);
  const release = () => setHolding(false);
  return (
    <section className={classes.webcam} aria-label="Webcam">
      {problem ? (
        <p role="alert">{problem}</p>
      ) : (
        <video
          ref={video}
          autoPlay
          muted
          playsInline
          onPlaying={() => setReady(true)}
          aria-label="What the webcam sees"
        />
      )}
      <div className={classes.webcamTools}>
        <p className={classes.muted}>The middle square of each frame goes to “{target}”.</p>
        <Button
          disabled={!ready}
          onPointerDown={() => setHolding(true)}
          onPointerUp={release}
          onPointerLeave={release}
          onPointerCancel={release}
          onKeyDown={(event) => {
            if (event.key !== ' ' && event.key !== 'Enter') return;
            event.preventDefault();
            setHolding(true);
          }}
          onKeyUp={release}
          onBlur={release}
        >
          Hold to record
        </Button>
        <Button variant="default" onClick={onClose}>
          Turn the webcam off
        </Button>
      </div>
    </section>
  );
}

function nextName(): string {
  frames += 1;
  return `webcam ${frames}.png`;
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

function whyNot(error: unknown): string {
  const name = error instanceof Error ? error.name : '';
  if (name === 'NotAllowedError')
    return 'The browser was not allowed to use the webcam. Allow it for this page and try again.';
  if (name === 'NotFoundError') return 'There is no webcam on this machine.';
  if (name === 'NotReadableError') return 'Another program is using the webcam.';
  return 'The webcam cannot be used on this page.';
}

/** The middle square of the current frame as a PNG; null before there is one. */
async function frameOf(video: HTMLVideoElement | null): Promise<Blob | null> {
  if (!video || video.videoWidth === 0) return null;
  const edge = Math.min(video.videoWidth, video.videoHeight);
  const canvas = new OffscreenCanvas(side, side);
  const context = canvas.getContext('2d');
  if (!context) return null;
  context.imageSmoothingQuality = 'high';
  const [left, top] = [(video.videoWidth - edge) / 2, (video.videoHeight - edge) / 2];
  context.drawImage(video, left, top, edge, edge, 0, 0, side, side);
  return canvas.convertToBlob();
}
