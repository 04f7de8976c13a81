# encoding: utf-8
require 'strscan'

# Reads a Logstash pipeline into nested arrays and hashes: as much of the grammar as our pipelines use.
# Anything else raises, with the line.
class ConfigParser
  Plugin = Struct.new(:name, :options)
  Branch = Struct.new(:condition, :body)
  Conditional = Struct.new(:branches, :otherwise)

  def self.parse(text)
    new(text).pipeline
  end

  def initialize(text)
    @text = text
    @scanner = StringScanner.new(text)
  end

  # { "input" => [...], "filter" => [...], "output" => [...] }
  def pipeline
    sections = Hash.new { |hash, key| hash[key] = [] }
    until ended?
      name = take(/input|filter|output/)
      sections[name].concat(block)
    end
    sections
  end

  private

  def block
    take(/\{/)
    items = []
    items << item until try(/\}/)
    items
  end

  def item
    return conditional if try(/if\b/)

    name = take(/[a-z][a-z0-9_]*/)
    Plugin.new(name, options)
  end

  def conditional
    branches = [Branch.new(expression, block)]
    otherwise = []
    while try(/else\b/)
      if try(/if\b/)
        branches << Branch.new(expression, block)
      else
        otherwise = block
        break
      end
    end
    Conditional.new(branches, otherwise)
  end

  def options
    take(/\{/)
    found = {}
    until try(/\}/)
      name = take(/[a-z_][a-z0-9_.]*/)
      take(/=>/)
      fail_here("option #{name} twice") if found.key?(name)
      found[name] = value
    end
    found
  end

  def value
    return string if look(/["']/)
    return list if try(/\[/)
    return hash if try(/\{/)
    return @scanner.matched.to_f if try(/-?\d+(\.\d+)?/)

    word = take(/[a-z_]+/)
    return word == 'true' if %w[true false].include?(word)

    look(/\{/) ? Plugin.new(word, options) : word
  end

  def list
    items = []
    until try(/\]/)
      items << value
      try(/,/)
    end
    items
  end

  def hash
    pairs = {}
    until try(/\}/)
      key = string
      take(/=>/)
      pairs[key] = value
    end
    pairs
  end

  def string
    text = try(/"[^"]*"/) || take(/'[^']*'/)
    expand(text[1...-1])
  end

  # ${NAME:default}
  def expand(text)
    text.gsub(/\$\{([A-Za-z_.][\w.]*)(?::([^}]*))?\}/) do
      ENV[Regexp.last_match(1)] || Regexp.last_match(2) || fail_here("#{Regexp.last_match(1)} is not set")
    end
  end

  # Conditions become lambdas over an event.
  def expression
    left = comparison
    while (operator = try(/and\b|or\b/))
      left = join(operator, left, comparison)
    end
    left
  end

  def join(operator, left, right)
    operator == 'and' ? ->(event) { left.(event) && right.(event) } : ->(event) { left.(event) || right.(event) }
  end

  def comparison
    if try(/!/)
      inner = comparison
      return ->(event) { !inner.(event) }
    end
    left = operand
    return contains(left, operand, false) if try(/not\s+in\b/)
    return contains(left, operand, true) if try(/in\b/)
    if try(/==/)
      right = operand
      return ->(event) { left.(event) == right.(event) }
    end
    if try(/=~/)
      pattern = Regexp.new(take(%r{/(?:[^/\\]|\\.)*/})[1...-1])
      return ->(event) { left.(event).is_a?(String) && left.(event).match?(pattern) }
    end
    ->(event) { truthy(left.(event)) }
  end

  def contains(left, right, wanted)
    ->(event) { (right.(event).is_a?(Array) && right.(event).include?(left.(event))) == wanted }
  end

  def operand
    if look(/\[/)
      reference = take(/(\[[^\[\]]+\])+/)
      return ->(event) { event.get(reference) }
    end
    text = string
    ->(_) { text }
  end

  def truthy(value)
    !(value.nil? || value == false)
  end

  def ended?
    skip
    @scanner.eos?
  end

  def skip
    @scanner.skip(/(\s+|#[^\n]*)+/)
  end

  def look(pattern)
    skip
    @scanner.check(pattern)
  end

  def try(pattern)
    skip
    @scanner.scan(pattern)
  end

  def take(pattern)
    try(pattern) || fail_here("expected #{pattern.inspect}")
  end

  def fail_here(message)
    raise "line #{@text[0...@scanner.pos].count("\n") + 1}: #{message}"
  end
end
