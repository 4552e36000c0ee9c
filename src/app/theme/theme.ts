import { createTheme, type MantineColorsTuple } from '@mantine/core';
import { listHeight, withinWindow } from './within-window';

/** The one accent, and the student's colour: what is alive on the page is about the student. */
const teal: MantineColorsTuple = [
  '#e5f7f4',
  '#d0ece7',
  '#a3d9d0',
  '#72c4b8',
  '#45b0a2',
  '#239d8e',
  '#0d8a7c',
  '#00776b',
  '#00655b',
  '#00524a',
];

/** Cool greys; index 7 is the page, 6 a field, 4 a rule. */
const dark: MantineColorsTuple = [
  '#e8e9ea',
  '#c3c7cb',
  '#9ba1a8',
  '#6e757d',
  '#3a4047',
  '#2b3036',
  '#1e2226',
  '#15181b',
  '#101214',
  '#0b0d0e',
];

export const theme = createTheme({
  primaryColor: 'teal',
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  colors: { teal, dark },
  black: '#1b1f23',
  fontFamily: "'IBM Plex Sans Variable', system-ui, -apple-system, 'Segoe UI', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, monospace",
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.5', lg: '1.5', xl: '1.35' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  defaultRadius: '4px',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'xs', variant: 'filled' } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
    TextInput: { defaultProps: { size: 'xs' } },
    Select: { defaultProps: { size: 'xs', maxDropdownHeight: listHeight(220) } },
    Autocomplete: { defaultProps: { size: 'xs', maxDropdownHeight: listHeight(260) } },
    SegmentedControl: { defaultProps: { size: 'xs' } },
    Switch: { defaultProps: { size: 'sm' } },
    Tooltip: {
      defaultProps: {
        multiline: true,
        floatingStrategy: 'fixed',
        w: 260,
        maw: 'min(420px, calc(100vw - 16px))',
        mah: 'calc(100dvh - 16px)',
        openDelay: 350,
        fz: 12,
        p: '8px 10px',
      },
      styles: { tooltip: { overflow: 'hidden', overflowWrap: 'anywhere' } },
    },
    Menu: { defaultProps: { shadow: 'sm', position: 'bottom-end' } },
    Anchor: { defaultProps: { underline: 'always' } },
    // Menus and the lists of fields are popovers too. Fixed: to focus something in one scrolls no document beneath.
    Popover: { defaultProps: { shadow: 'sm', floatingStrategy: 'fixed', middlewares: withinWindow } },
    PopoverDropdown: { defaultProps: { mah: 'calc(100dvh - 16px)' } },
  },
});
