package dev.cprkit.it.bench;

import java.util.Collection;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Guest instructions per second of CPU time: runs {@link KernelBenchmark} under JMH and prints each kernel's median, its
 * least and its most over the iterations, in millions, and the geometric mean of the medians. Arguments: names of kernels,
 * if not all.
 */
public final class KernelBench {
    private KernelBench() {}

    public static void main(String[] kernels) throws RunnerException {
        ChainedOptionsBuilder options =
                new OptionsBuilder().include(KernelBenchmark.class.getName()).verbosity(VerboseMode.SILENT);
        if (kernels.length > 0) {
            options = options.param("kernel", kernels);
        }
        System.out.printf("%-8s %8s %8s %8s  (millions per CPU second)%n", "kernel", "median", "min", "max");
        double logarithms = 0;
        Collection<RunResult> results = new Runner(options.build()).run();
        for (RunResult result : results) {
            double[] rates = rates(result);
            double median = rates[rates.length / 2];
            System.out.printf(
                    "%-8s %8.1f %8.1f %8.1f  of %d%n",
                    result.getParams().getParam("kernel").toLowerCase(java.util.Locale.ROOT),
                    median,
                    rates[0],
                    rates[rates.length - 1],
                    rates.length);
            logarithms += Math.log(median);
        }
        System.out.printf("%-8s %8.1f%n", "geomean", Math.exp(logarithms / results.size()));
    }

    /** Millions of instructions per CPU second of each iteration, in order of size. */
    private static double[] rates(RunResult result) {
        return result.getBenchmarkResults().stream()
                .map(BenchmarkResult::getIterationResults)
                .flatMap(Collection::stream)
                .mapToDouble(KernelBench::rate)
                .sorted()
                .toArray();
    }

    private static double rate(IterationResult iteration) {
        return iteration.getSecondaryResults().get("instructions").getScore()
                / iteration.getSecondaryResults().get("cpuNanos").getScore()
                * 1e3;
    }
}
