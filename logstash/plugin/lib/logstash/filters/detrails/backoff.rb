# encoding: utf-8

# How long to wait before a request is repeated.
class LogStash::Filters::Detrails::Backoff
  def initialize(initial_seconds, max_seconds)
    @initial = initial_seconds.to_f
    @max = max_seconds.to_f
  end

  # Doubles with each attempt (0, 1, 2, ...), less up to a quarter so that workers do not knock together.
  # What the service asks for in `Retry-After` counts when it is longer. Never more than the maximum.
  def seconds(attempt, retry_after)
    doubled = @initial * (2**[attempt, 16].min)
    wanted = [doubled - (rand * doubled / 4), retry_after || 0].max
    [wanted, @max].min
  end
end
