package dev.cprkit.vmm.monitor.hmp;

import java.util.List;

/**
 * One command of the human monitor.
 *
 * @param names its names, the usual one first: {@code cont}, {@code c}
 * @param syntax what its parameters are, for the parser
 * @param params its parameters as help shows them: {@code [-d] uri}; empty if none
 * @param help one line that says what it does
 * @param handler what it does
 * @param completer what Tab offers for its parameters
 */
public record HmpCommand(
        List<String> names, HmpSyntax syntax, String params, String help, Handler handler, Completer completer) {

    /** A command whose parameters are parsed by their syntax: see {@link HmpSyntax#of}. */
    public static HmpCommand of(String name, String syntax, String params, String help, Handler handler) {
        return of(List.of(name), syntax, params, help, handler);
    }

    /** A command of several names whose parameters are parsed by their syntax. */
    public static HmpCommand of(List<String> names, String syntax, String params, String help, Handler handler) {
        return new HmpCommand(names, HmpSyntax.of(syntax), params, help, handler, Completer.NONE);
    }

    /** A command that takes the rest of its line as it is; none at all if {@code params} is empty. */
    public HmpCommand(List<String> names, String params, String help, Action action) {
        this(
                names,
                params.isEmpty() ? HmpSyntax.NONE : HmpSyntax.REST,
                params,
                help,
                (out, arguments) ->
                        action.run(out, arguments.optionalString("rest").orElse("")),
                Completer.NONE);
    }

    /** As above, with one name. */
    public HmpCommand(String name, String params, String help, Action action) {
        this(List.of(name), params, help, action);
    }

    /** The same with something to offer when Tab is pressed. */
    public HmpCommand completing(Completer next) {
        return new HmpCommand(names, syntax, params, help, handler, next);
    }

    /** The usual name. */
    public String name() {
        return names.getFirst();
    }

    /** All names as help and error texts show them: {@code cont|c}. */
    public String title() {
        return String.join("|", names);
    }

    /** Runs on the main loop's thread with the machine lock held, and must not block. */
    @FunctionalInterface
    public interface Handler {
        /**
         * Executes.
         *
         * @throws HmpError if it fails; the monitor prints {@code Error:} and its text
         * @throws HmpUsageException if the parameters are wrong; the monitor points at {@code help}
         */
        void run(HmpOutput out, HmpArguments arguments) throws HmpError, HmpUsageException;
    }

    /** As {@link Handler}, for a command that reads its line itself. */
    @FunctionalInterface
    public interface Action {
        /** Executes; {@code rest} follows the command's name, without spaces around it. */
        void run(HmpOutput out, String rest) throws HmpError, HmpUsageException;
    }

    /** Knows what a command's parameter may be. */
    @FunctionalInterface
    public interface Completer {
        /** Offers nothing. */
        Completer NONE = position -> List.of();

        /** All values of the parameter of that position, from 0; the monitor picks those that fit what is typed. */
        List<String> offer(int position);
    }
}
