package dev.cprkit.agent.check;

import dev.cprkit.agent.argv.CommandLineRewrite;
import dev.cprkit.agent.argv.NextCommandLine;
import dev.cprkit.proto.qapi.MigMode;
import java.util.List;
import java.util.Map;

/** The new process's command line in each mode, before the update has made a folder for what goes through. */
final class NextProcess {
    /** Stands for the folder that each update makes, under a name that nobody can guess. */
    static final String FOLDER = "/tmp/cprkit-UPDATE";

    private NextProcess() {}

    static NextCommandLine commandLine(MigMode mode, CheckFacts facts) {
        Map<String, String> aliases = facts.vm().machine().aliases();
        List<String> arguments = facts.process().program().arguments();
        return switch (mode) {
            case CPR_TRANSFER -> new CommandLineRewrite(aliases, FOLDER + "/cpr.sock").rewrite(arguments);
            case CPR_EXEC ->
                CommandLineRewrite.inSameProcess(aliases, FOLDER + "/state").rewrite(arguments);
            case CPR_REBOOT, NORMAL -> CommandLineRewrite.afterwards(aliases).rewrite(arguments);
        };
    }
}
