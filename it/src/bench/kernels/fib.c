/* Fibonacci by double recursion: calls, returns and stack traffic. */
static unsigned long __attribute__((noinline, optimize("no-optimize-sibling-calls"))) fib(unsigned long n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

unsigned long run(unsigned long repetitions)
{
    unsigned long sum = 0;
    while (repetitions--)
        sum += fib(20);
    return sum;
}
