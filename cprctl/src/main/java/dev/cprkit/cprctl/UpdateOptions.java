package dev.cprkit.cprctl;

import dev.cprkit.agent.update.UpdateRequest;
import dev.cprkit.proto.qapi.MigMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options of an update, real or only checked. */
final class UpdateOptions {
    @Option(
            names = "--vmm",
            paramLabel = "BINARY",
            description = "The new program, started with the old one's options. By default the old one's own path.")
    private Optional<Path> program = Optional.empty();

    @Option(
            names = "--timeout",
            paramLabel = "S",
            defaultValue = "60",
            description = "Back out if the guest is not in the new process after so many seconds (default: 60).")
    private long seconds;

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            defaultValue = "cpr-transfer",
            description = "How the guest gets to the new process. The only one so far is cpr-transfer, the default.")
    private String mode;

    /** What is asked for, or a {@link ParameterException}. */
    UpdateRequest request(CommandSpec spec, Path qmp) {
        CommandLine command = spec.commandLine();
        if (seconds < 1 || seconds > 86_400) {
            throw new ParameterException(command, "--timeout takes 1 to 86400 seconds, not " + seconds);
        }
        if (MigMode.of(mode).filter(m -> m == MigMode.CPR_TRANSFER).isEmpty()) {
            throw new ParameterException(command, "--mode '" + mode + "' is not known; use cpr-transfer");
        }
        return new UpdateRequest(
                qmp, program.map(UpdateOptions::onPath), Duration.ofSeconds(seconds), MigMode.CPR_TRANSFER);
    }

    /** A bare name is looked for as a shell would; anything else, and what is not found, stays. */
    private static Path onPath(Path name) {
        if (name.getNameCount() == 1 && !name.isAbsolute() && !Files.exists(name)) {
            for (String folder : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
                Path candidate = Path.of(folder).resolve(name);
                if (!folder.isEmpty() && Files.isExecutable(candidate)) {
                    return candidate;
                }
            }
        }
        return name;
    }
}
