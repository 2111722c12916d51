// What stands where something could not be shown: what went wrong, and a way to try again.

export function Trouble({ text, again }: { readonly text: string; again?(): void }) {
  return (
    <div class="trouble" role="alert">
      <p>{text}</p>
      {again && (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  )
}
