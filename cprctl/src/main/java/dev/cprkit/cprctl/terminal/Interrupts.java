package dev.cprkit.cprctl.terminal;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;

/**
 * SIGINT, SIGTERM and SIGHUP as a call, for as long as this is open; the process goes on. Closing puts back what was there.
 *
 * <p>By {@code sun.misc.Signal}, the only way that Java has to outlive a signal and exit with a status of one's own; by
 * reflection, since javac warns of it and cannot be told that this is meant. Where it is missing the signals end the
 * process, as they do for every program.
 */
public final class Interrupts implements AutoCloseable {
    private static final String SIGNAL = "sun.misc.Signal";

    private final List<Runnable> undo = new ArrayList<>();

    private Interrupts() {}

    /** Calls {@code then} on a thread of the JVM for each of these signals. */
    public static Interrupts on(Runnable then) {
        Interrupts interrupts = new Interrupts();
        for (String name : List.of("INT", "TERM", "HUP")) {
            interrupts.handle(name, then);
        }
        return interrupts;
    }

    private void handle(String name, Runnable then) {
        try {
            Class<?> signalClass = Class.forName(SIGNAL);
            Class<?> handlerClass = Class.forName("sun.misc.SignalHandler");
            Object signal = signalClass.getConstructor(String.class).newInstance(name);
            InvocationHandler call = (proxy, method, arguments) -> switch (method.getName()) {
                case "handle" -> {
                    then.run();
                    yield null;
                }
                case "equals" -> proxy == arguments[0];
                case "hashCode" -> System.identityHashCode(proxy);
                default -> "cprctl's handler";
            };
            Object handler =
                    Proxy.newProxyInstance(Interrupts.class.getClassLoader(), new Class<?>[] {handlerClass}, call);
            var set = signalClass.getMethod("handle", signalClass, handlerClass);
            Object before = set.invoke(null, signal, handler);
            undo.add(() -> {
                try {
                    set.invoke(null, signal, before);
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException(e);
                }
            });
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            // no such class, or a signal that the JVM was told to leave alone (nohup does): it stays as it is
        }
    }

    @Override
    public void close() {
        undo.forEach(Runnable::run);
        undo.clear();
    }
}
