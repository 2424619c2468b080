-- for wrk: post the file named by the first argument and print the figures as JSON

function init(args)
  local file = assert(io.open(args[1], "rb"))
  wrk.method, wrk.body = "POST", file:read("*a")
  wrk.headers["Content-Type"] = args[2]
end

function done(summary, latency)
  local failed = summary.errors
  local figures = '{"requests": %d, "seconds": %f, "refused": %d, "broken": %d, '
    .. '"mean": %f, "median": %f, "p99": %f}'
  io.stderr:write(string.format(
    figures, summary.requests, summary.duration / 1e6, failed.status,
    failed.connect + failed.read + failed.write + failed.timeout,
    latency.mean / 1e3, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3
  ))
end
