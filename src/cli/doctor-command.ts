import { Command } from 'commander';

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check what a start needs, and say what to mend; exit code 1 when anything is refused')
    .action(async () => {
      const { examineInstallation } = await import('../app/doctor.js');
      const findings = await examineInstallation(process.env);
      const width = Math.max(...findings.map(({ name }) => name.length));
      for (const { outcome, name, words } of findings) {
        process.stdout.write(
          `${outcome.padEnd(7)}  ${name.padEnd(width)}  ${words.replace(/\s*\n\s*/g, ' ')}\n`,
        );
      }
      if (findings.some(({ outcome }) => outcome === 'refused')) process.exitCode = 1;
    });
}
