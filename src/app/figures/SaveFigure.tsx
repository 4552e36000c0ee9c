import { Button, Checkbox, NumberInput, SegmentedControl, Select } from '@mantine/core';
import { useEffect, useState, type RefObject } from 'react';
import { download, fileName } from '../download';
import { Dialog } from '../shell/Dialog';
import { figureFile, pngOf, type FigureFile } from './figure-file';
import {
  firstLook,
  layoutOf,
  limits,
  presets,
  type Background,
  type FigureLook,
  type LengthUnit,
} from './figure-size';
import classes from './figures.module.css';
import type { Sitting } from './use-saving';

interface Props {
  title: string;
  body: RefObject<HTMLDivElement | null>;
  onSit: (sitting: Sitting) => void;
  onClose: () => void;
}

/** What was chosen last holds for the next figure: those of a paper are alike. */
let lastLook = firstLook;
/** While a number is typed, nothing is drawn for each digit. */
const typingPause = 200;

/** Size, text and ground of a figure's file, with a preview that is the file itself. */
export default function SaveFigure({ title, body, onSit, onClose }: Props) {
  const [look, setLook] = useState(lastLook);
  const { file, url, problem } = useFile(title, body, onSit, look);
  const [refusal, setRefusal] = useState<string | null>(null);
  const change = (changes: Partial<FigureLook>) => {
    setRefusal(null);
    setLook((before) => (lastLook = { ...before, ...changes }));
  };
  const preset = presets.find((each) =>
    Object.entries(each.look).every(([key, value]) => look[key as keyof FigureLook] === value),
  );
  const savePng = async (figure: FigureFile) => {
    try {
      download(`${fileName(title)}.png`, await pngOf(figure, look), 'image/png');
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <Dialog onClose={onClose} title={`Save the figure “${title}”`} width={1000}>
      <div className={classes.form}>
        <div className={classes.fields}>
          <Select
            label="Size"
            size="xs"
            allowDeselect={false}
            value={preset?.id ?? 'own'}
            data={[
              ...presets.map(({ id, label }) => ({ value: id, label })),
              { value: 'own', label: 'Own size' },
            ]}
            onChange={(id) => change(presets.find((each) => each.id === id)?.look ?? {})}
          />
          <SegmentedControl
            aria-label="Unit of the size"
            value={look.unit}
            data={[
              { value: 'mm', label: 'Millimetres' },
              { value: 'px', label: 'Pixels' },
            ]}
            onChange={(unit) => change(inUnit(look, unit as LengthUnit))}
          />
          <div className={classes.pair}>
            <Size
              label={`Width, ${look.unit}`}
              {...limits[look.unit]}
              value={look.width}
              onChange={(width) => change({ width: width ?? look.width })}
            />
            <Size
              label={`Height, ${look.unit}`}
              placeholder="as needed"
              {...limits[look.unit]}
              value={look.height}
              onChange={(height) => change({ height })}
            />
          </div>
          <div className={classes.pair}>
            <Size
              label="Text, pt"
              {...limits.fontSize}
              value={look.fontSize}
              onChange={(fontSize) => change({ fontSize: fontSize ?? look.fontSize })}
            />
            {look.unit === 'mm' && (
              <Size
                label="PNG, pixels per inch"
                {...limits.resolution}
                value={look.resolution}
                onChange={(resolution) => change({ resolution: resolution ?? look.resolution })}
              />
            )}
          </div>
          <SegmentedControl
            aria-label="Ground"
            value={look.background}
            data={[
              { value: 'white', label: 'White' },
              { value: 'transparent', label: 'None' },
              { value: 'page', label: 'As the page' },
            ]}
            onChange={(background) => change({ background: background as Background })}
          />
          <Checkbox
            size="xs"
            label="Legend"
            description="Names and values of lines, keys of colours"
            checked={look.legend}
            onChange={({ currentTarget }) => change({ legend: currentTarget.checked })}
          />
          <div className={classes.actions}>
            <Button
              disabled={!file}
              onClick={() => file && download(`${fileName(title)}.svg`, file.svg, 'image/svg+xml')}
            >
              Save SVG
            </Button>
            <Button variant="default" disabled={!file} onClick={() => file && void savePng(file)}>
              Save PNG
            </Button>
          </div>
          {(refusal ?? problem) && (
            <p className={classes.problem} role="alert">
              {refusal ?? problem}
            </p>
          )}
          {file && <p className={classes.note}>{sizeText(file, look)}</p>}
        </div>
        <div className={classes.preview}>
          {url && file && (
            <img
              src={url}
              alt={`Preview of the figure ${title}`}
              width={file.width}
              data-transparent={look.background === 'transparent' || undefined}
            />
          )}
        </div>
      </div>
    </Dialog>
  );
}

/** The figure as it would be saved. */
function useFile(title: string, body: Props['body'], onSit: Props['onSit'], look: FigureLook) {
  const [state, setState] = useState<{ file: FigureFile | null; url: string | null; problem: string | null }>(
    { file: null, url: null, problem: null },
  );
  useEffect(() => {
    let stale = false;
    const draw = async () => {
      if (!body.current) return;
      try {
        const file = await figureFile(body.current, onSit, look, title);
        if (stale) return;
        const url = URL.createObjectURL(new Blob([file.svg], { type: 'image/svg+xml' }));
        setState({ file, url, problem: null });
      } catch (error) {
        if (!stale)
          setState({
            file: null,
            url: null,
            problem: error instanceof Error ? error.message : String(error),
          });
      }
    };
    const timer = window.setTimeout(() => void draw(), typingPause);
    return () => {
      stale = true;
      window.clearTimeout(timer);
    };
  }, [title, body, onSit, look]);
  const { url } = state;
  useEffect(() => () => void (url && URL.revokeObjectURL(url)), [url]);
  return state;
}

function Size({
  label,
  least,
  most,
  value,
  placeholder,
  onChange,
}: {
  label: string;
  least: number;
  most: number;
  value: number | null;
  /** What an empty field means; without it the field is not empty. */
  placeholder?: string;
  onChange: (value: number | null) => void;
}) {
  return (
    <NumberInput
      label={label}
      size="xs"
      min={least}
      max={most}
      clampBehavior="blur"
      decimalScale={1}
      value={value ?? ''}
      {...(placeholder ? { placeholder } : {})}
      onChange={(next) => {
        if (next === '') {
          if (placeholder) onChange(null);
          return;
        }
        const number = Number(next);
        if (number >= least && number <= most) onChange(number);
      }}
    />
  );
}

/** The same size in another unit; text stays as large. */
function inUnit(look: FigureLook, unit: LengthUnit): Partial<FigureLook> {
  if (unit === look.unit) return {};
  const { width, height, zoom } = layoutOf(look);
  const length = (pixels: number) => Math.round(unit === 'px' ? pixels * zoom : (pixels * zoom * 25.4) / 96);
  return { unit, width: length(width), height: height === null ? null : length(height) };
}

function sizeText({ width, height, raster, shrunk }: FigureFile, look: FigureLook): string {
  const mm = (pixels: number) => ((pixels * 25.4) / 96).toFixed(0);
  const size =
    look.unit === 'mm' ? `${mm(width)} × ${mm(height)} mm` : `${width.toFixed(0)} × ${height.toFixed(0)} px`;
  const text =
    shrunk > 1.02
      ? ` Everything in it needs more room than that: text is ${(look.fontSize / shrunk).toFixed(1)} pt.`
      : '';
  return `SVG: ${size}. PNG: ${raster.width} × ${raster.height} pixels.${text}`;
}
