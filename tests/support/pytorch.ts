/** One Python process for all scripts that need PyTorch, because loading it takes seconds each time. */
import { execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * Reads one list of arguments per line, and in how many processes they run; each script runs in forks with PyTorch loaded
 * and no state of earlier scripts.
 */
const server = `
import json, os, runpy, socket, subprocess, sys, tempfile, traceback
import numpy, torch

def forked(arguments, out, err, **environment):
    child = os.fork()
    if child:
        return child
    os.dup2(out.fileno(), 1)
    os.dup2(err.fileno(), 2)
    os.environ.update(environment)
    sys.argv = arguments
    sys.path[0] = os.path.dirname(arguments[0])
    code = 1
    try:
        runpy.run_path(arguments[0], run_name='__main__')
        code = 0
    except SystemExit as end:
        code = 0 if end.code is None else end.code if isinstance(end.code, int) else 1
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)

def ran(arguments, processes):
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        if processes == 1:
            children = [forked(arguments, out, err)]
        else:
            with socket.socket() as free:
                free.bind(('127.0.0.1', 0))
                port = str(free.getsockname()[1])
            common = {'WORLD_SIZE': str(processes), 'MASTER_ADDR': '127.0.0.1', 'MASTER_PORT': port}
            children = [
                forked(arguments, out, err, RANK=str(rank), LOCAL_RANK=str(rank), **common)
                for rank in range(processes)
            ]
        code = max(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children)
        out.seek(0)
        err.seek(0)
        return code, out.read().decode(), err.read().decode()

def started(arguments, processes):
    ended = subprocess.run([sys.executable, *arguments], capture_output=True, text=True)
    return ended.returncode, ended.stdout, ended.stderr

for line in sys.stdin:
    answer = (ran if hasattr(os, 'fork') else started)(*json.loads(line))
    print(json.dumps(answer), flush=True)
`;

/** A Python with PyTorch, if this machine has one. */
export const python = [process.env['PYTHON'] ?? 'python3', '/usr/bin/python3'].find((candidate) => {
  const look = 'import importlib.util as u; exit(not (u.find_spec("torch") and u.find_spec("numpy")))';
  try {
    execFileSync(candidate, ['-c', look], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

export interface PyTorch {
  /** The output of a script; rejects with its stderr when it fails. One script at a time. */
  run: (script: string, ...options: string[]) => Promise<string>;
  /** The same in several processes, as `torchrun` starts them. */
  together: (processes: number, script: string, ...options: string[]) => Promise<string>;
  end: () => void;
}

export function startPyTorch(): PyTorch {
  const child = spawn(python!, ['-c', server], { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface(child.stdout)[Symbol.asyncIterator]();
  const together: PyTorch['together'] = async (processes, ...given) => {
    child.stdin.write(`${JSON.stringify([given, processes])}\n`);
    const answer = await answers.next();
    if (answer.done) throw new Error('Python has ended.');
    const [code, stdout, stderr] = JSON.parse(answer.value) as [number, string, string];
    if (code !== 0) throw new Error(stderr);
    return stdout;
  };
  return {
    run: (...given) => together(1, ...given),
    together,
    end: () => child.stdin.end(),
  };
}
